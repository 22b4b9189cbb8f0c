"""What becomes of an order: nothing is sent twice, nothing that may live is called failed."""
