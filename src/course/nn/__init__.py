"""Small modules on top of `course.ops`."""
