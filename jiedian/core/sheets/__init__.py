"""One reader of people's files: any usual encoding, separator, workbook, heading, date and number, and it says what it did."""

from .amounts import Amount, amount_of, has_decimal_comma
from .closing import closing_word, is_cut, is_skipped
from .columns import Column, ColumnMap, fold, lacking, read_choices, take_columns
from .cutting import SEPARATORS, numbered, rows_of, separator_of
from .encodings import decode, decoded
from .moments import EPOCH_1900, EPOCH_1904, EPOCHS, local, moment_of, month_of, order_of, plain, serials
from .reading import Asked, Row, Sheet, header_of, named_rows, read, read_all, read_rows, sheet_of, text
from .writing import BYTE_ORDER_MARK, csv_bytes, csv_parts, harmless, xlsx_bytes

__all__ = [
    "BYTE_ORDER_MARK",
    "EPOCH_1900",
    "EPOCH_1904",
    "EPOCHS",
    "SEPARATORS",
    "Amount",
    "Asked",
    "Column",
    "Row",
    "Sheet",
    "ColumnMap",
    "amount_of",
    "closing_word",
    "csv_bytes",
    "csv_parts",
    "decode",
    "decoded",
    "fold",
    "harmless",
    "has_decimal_comma",
    "header_of",
    "is_cut",
    "is_skipped",
    "lacking",
    "local",
    "moment_of",
    "month_of",
    "named_rows",
    "numbered",
    "order_of",
    "plain",
    "read",
    "read_all",
    "read_choices",
    "read_rows",
    "rows_of",
    "separator_of",
    "serials",
    "sheet_of",
    "take_columns",
    "text",
    "xlsx_bytes",
]
