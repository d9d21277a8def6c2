"""Domains of addresses that belong to nobody's organization."""

from __future__ import annotations

PUBLIC_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com"),
        *("yahoo.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "qq.com"),
        *("163.com", "mail.ru", "yandex.ru"),
    }
)
"""Domains of which anybody can get an address."""
