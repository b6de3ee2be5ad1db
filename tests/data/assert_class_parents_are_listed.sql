-- A listed class below the first level has its parent in the list, one level up, in an overlapping edition.
with listed as (
    select
        'function' as class_type,
        class_code,
        class_level,
        parent_code,
        edition_from,
        edition_to
    from {{ ref('function_class') }}
    union all
    select
        class_type,
        class_code,
        class_level,
        parent_code,
        edition_from,
        edition_to
    from {{ ref('economic_class') }}
)

select
    class.class_type,
    class.class_code,
    class.edition_from,
    class.edition_to
from listed as class
left join listed as parent
    on
        class.class_type = parent.class_type
        and class.parent_code = parent.class_code
        and class.class_level = parent.class_level + 1
        and coalesce(class.edition_from, 0) <= coalesce(parent.edition_to, 9999)
        and coalesce(parent.edition_from, 0) <= coalesce(class.edition_to, 9999)
where
    length(class.class_code) <> 2 * class.class_level + 1
    or (class.class_level = 1) <> (class.parent_code is null)
    or (
        class.class_level > 1
        and (
            parent.class_code is null
            or substring(class.class_code, 1, length(class.class_code) - 2) <> class.parent_code
        )
    )
