"""The planning canvas: what about our business is naturally social?"""
