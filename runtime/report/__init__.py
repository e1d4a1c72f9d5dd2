"""What is read of a study by people: one HTML page that needs no network."""
