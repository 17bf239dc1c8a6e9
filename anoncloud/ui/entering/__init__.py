"""Getting in: register, log in with a kit, or by a code of another device."""
