"""Supply schemes: composed, checked and ranked from rows."""
