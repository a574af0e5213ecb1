"""Slots: places in the shop's pages that widgets of plugins fill."""
