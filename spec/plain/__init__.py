"""Values of the language as what JSON can say, and back."""
