"""The tfc dialect."""
