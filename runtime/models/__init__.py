"""Trained models: what is known of them, serving them, and asking them."""
