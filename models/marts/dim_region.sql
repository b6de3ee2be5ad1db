-- Grain: one row a region in a span of years in which it bore one name.
-- Join: code equal, and fiscal_year between coalesce(valid_from, 0) and coalesce(valid_to, 9999).
-- Codes are used for years after they ended: then is_latest.

select
    region_code,
    region_name,
    level,
    parent_region_code,
    valid_from,
    valid_to,
    full_name,
    is_latest,
    source
from {{ ref('int_region_span') }}
