"""Figures, panels, the abstract and sentences as pages of their own, for frames in other pages."""
