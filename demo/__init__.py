"""The demo city: made-up people and a made-up past, living through the real services; all of it marked simulated."""
