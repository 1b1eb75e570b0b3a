"""Front ends over ``retrieval``: a terminal, and what they share."""
