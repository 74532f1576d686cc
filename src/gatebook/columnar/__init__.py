"""Execution C of masks: Arrow arrays and Avro rows, as the Storage Read API and `arrowRecordBatch` carry them.

A package of its own because it needs pyarrow (and fastavro), which the core may not and a gateway without Arrow need
not have: `pip install gatebook[columnar]` (decision 0014). It knows only `gatebook.core` and `gatebook.googlesql`.

    arrow          a planned column over Arrow arrays: nested, sliced, chunked, dictionary-encoded
    arrow_masks    one value's mask as an Arrow kernel
    avro           a planned column over Avro rows as fastavro reads them
"""
