-- Grain: one row a region in a span of years in which it bore one name: the list, and zones of the fiscal system.
-- The names of the regions above are those of the latest years that overlap.

with region as (
    select
        region_code,
        region_name,
        level,
        parent_region_code,
        valid_from,
        valid_to,
        source,
        false as is_override
    from {{ ref('region') }}
    union all
    select
        region_code,
        region_name,
        level,
        parent_region_code,
        valid_from,
        valid_to,
        source,
        true as is_override
    from {{ ref('region_override') }}
),

above as (
    select
        region.region_code,
        region.valid_from,
        parent.region_name as parent_name,
        grandparent.region_name as grandparent_name,
        row_number() over (
            partition by region.region_code, region.valid_from
            order by coalesce(parent.valid_to, 9999) desc, coalesce(grandparent.valid_to, 9999) desc
        ) as choice
    from region
    inner join region as parent
        on
            region.parent_region_code = parent.region_code
            and coalesce(region.valid_from, 0) <= coalesce(parent.valid_to, 9999)
            and coalesce(parent.valid_from, 0) <= coalesce(region.valid_to, 9999)
    left join region as grandparent
        on
            parent.parent_region_code = grandparent.region_code
            and coalesce(parent.valid_from, 0) <= coalesce(grandparent.valid_to, 9999)
            and coalesce(grandparent.valid_from, 0) <= coalesce(parent.valid_to, 9999)
)

select
    region.region_code,
    region.region_name,
    region.level,
    region.parent_region_code,
    region.valid_from,
    region.valid_to,
    region.source,
    region.is_override,
    above.parent_name,
    above.grandparent_name,
    coalesce(above.grandparent_name, '') || coalesce(above.parent_name, '') || region.region_name as full_name,
    row_number() over (
        partition by region.region_code order by coalesce(region.valid_to, 9999) desc
    ) = 1 as is_latest
from region
left join above
    on
        region.region_code = above.region_code
        and coalesce(region.valid_from, 0) = coalesce(above.valid_from, 0)
        and above.choice = 1
