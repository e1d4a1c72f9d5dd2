"""Points of a space: where they stand, drawn, moved, and mended where they break constraints."""
