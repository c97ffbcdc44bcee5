"""Questions of the scheme pages."""
