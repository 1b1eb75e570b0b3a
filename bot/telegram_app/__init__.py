"""Sayso in Telegram."""
