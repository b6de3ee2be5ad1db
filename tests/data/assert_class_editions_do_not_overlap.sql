-- A code has one meaning in a year: no two rows of a code overlap, and a concept stands under one code at a time.
select
    one.class_type,
    one.class_code,
    one.edition_from,
    one.edition_to,
    other.class_code as other_code,
    other.edition_from as other_from,
    other.edition_to as other_to
from {{ ref('int_class_edition') }} as one
inner join {{ ref('int_class_edition') }} as other
    on
        one.class_type = other.class_type
        and (one.class_code = other.class_code or one.concept_id = other.concept_id)
        and coalesce(one.edition_from, 0) <= coalesce(other.edition_to, 9999)
        and coalesce(other.edition_from, 0) <= coalesce(one.edition_to, 9999)
where
    one.class_code <> other.class_code
    or one.edition_from is distinct from other.edition_from
    or one.edition_to is distinct from other.edition_to
    or one.class_name is distinct from other.class_name
