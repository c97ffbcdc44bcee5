"""规则: loads the tables under jiedian/rules and refuses a row without source."""
