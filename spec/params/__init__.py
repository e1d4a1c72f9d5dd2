"""The values of `params`, and the placeholders that read them."""
