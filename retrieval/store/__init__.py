"""What is kept: the archive, Chroma over it, and all that makes, checks, backs up and finds them."""
