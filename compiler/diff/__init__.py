"""What differs between two specs by what they mean, and what becomes of finished trials."""
