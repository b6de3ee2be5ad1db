-- A region below the provinces has the region above it in the list in some of the same years, and spans do not overlap.
select
    region.region_code,
    region.valid_from,
    'no region above' as problem
from {{ ref('dim_region') }} as region
left join {{ ref('dim_region') }} as parent
    on
        region.parent_region_code = parent.region_code
        and coalesce(region.valid_from, 0) <= coalesce(parent.valid_to, 9999)
        and coalesce(parent.valid_from, 0) <= coalesce(region.valid_to, 9999)
where (region.level = 'province') <> (parent.region_code is null)
union all
select
    one.region_code,
    one.valid_from,
    'overlap' as problem
from {{ ref('dim_region') }} as one
inner join {{ ref('dim_region') }} as other
    on
        one.region_code = other.region_code
        and coalesce(one.valid_from, 0) < coalesce(other.valid_from, 0)
        and coalesce(other.valid_from, 0) <= coalesce(one.valid_to, 9999)
