"""Widgets: sliders on one augmentation at a time, the pipeline builder, a word in noise."""
