"""The Mastodon API: Mastodon, GoToSocial, Pleroma, Akkoma, Takahē."""
