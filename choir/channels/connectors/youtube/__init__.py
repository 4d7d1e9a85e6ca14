"""YouTube: comments under our videos, answers, moderation, figures."""
