-- Grain: one row a code of a reviewed list and what people call it.

select
    dim_label_key as rpt_label_key,
    list_code,
    code,
    name_zh,
    name_en,
    label_no
from {{ ref('dim_label') }}
