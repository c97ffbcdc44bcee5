"""What of a personal value may be shown."""


def mask_phone(text: str) -> str:
    """
    >>> mask_phone("13812345678"), mask_phone("")
    ('138****5678', '')
    """
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else "*" * len(text)


def mask_number(text: str) -> str:
    """
    >>> mask_number("11010519491231002X")
    '1101**********002X'
    """
    return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}" if len(text) > 8 else "*" * len(text)
