-- Grain: one row an economic class of one span of editions.
-- Join: code equal, and fiscal_year between coalesce(edition_from, 0) and coalesce(edition_to, 9999).

select
    class_type,
    class_code,
    class_name,
    class_level,
    parent_code,
    edition_from,
    edition_to,
    concept_id,
    confidence,
    source,
    is_observed_only,
    document_count
from {{ ref('int_class_edition') }}
where class_type <> 'function'
