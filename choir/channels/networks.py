"""What each network is called, in one place: rows keep its name in lower case, pages show it as it writes itself."""

NAMES = {
    "app-store": "App Store", "bluesky": "Bluesky", "discord": "Discord", "e-mail": "E-mail", "email": "E-mail",
    "facebook": "Facebook", "feed": "Feed", "feeds": "Feeds", "google": "Google", "google-business": "Google reviews",
    "google-play": "Google Play", "import": "Import", "instagram": "Instagram", "linkedin": "LinkedIn",
    "mastodon": "Mastodon", "matrix": "Matrix", "pinterest": "Pinterest", "reddit": "Reddit", "reviews": "Reviews",
    "rss": "RSS", "sandbox": "Sandbox", "slack": "Slack", "telegram": "Telegram", "threads": "Threads",
    "tiktok": "TikTok", "trusted-reviews": "Trusted Reviews", "twitter": "Twitter", "vk": "VK", "whatsapp": "WhatsApp",
    "x": "X", "youtube": "YouTube",
}  # fmt: skip


def network_name(network: str) -> str:
    """The network's name as it writes it; of one nobody knows yet, its words with a capital."""
    key = network.lower()
    return NAMES.get(key) or key.replace("-", " ").replace("_", " ").capitalize()
