"""Forms of the customer's voice, one file a noun."""
