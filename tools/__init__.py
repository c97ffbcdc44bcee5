"""Commands of engineers on files: no Django, no database; bad input ends in a list of findings and exit status 2."""
