"""What is known about each building, street and district."""
