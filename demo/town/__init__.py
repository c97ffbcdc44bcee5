"""The made-up city: streets, places, grid, a measured year and addresses, by rule from one seed. No real place is meant."""
