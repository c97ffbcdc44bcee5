"""保管库: uploads and encrypted fields."""
