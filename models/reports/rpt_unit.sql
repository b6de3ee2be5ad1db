-- Grain: one row a budget unit.

select
    unit.unit_key,
    unit.unit_code,
    unit.unit_name,
    unit.region_code,
    region.region_name,
    region.full_name as region_full_name,
    unit.sector,
    unit.is_masked
from {{ ref('dim_unit') }} as unit
left join {{ ref('dim_region') }} as region on unit.region_code = region.region_code and region.is_latest
