"""What lies over a spec: overlays, single settings, templates; and where each value came from."""
