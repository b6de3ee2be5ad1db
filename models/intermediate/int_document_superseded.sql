-- Grain: one row a loaded document.
-- A place (file path) may change its content: its last content is current. A document that is current at no place is
-- superseded by the current content of the place where it was seen last. A document without a place is current.

with place as (
    select
        source_key,
        document_id,
        seen_at,
        sequence_no,
        row_number() over (
            partition by source_key order by sequence_no desc nulls last, seen_at desc nulls last
        ) as recency
    from {{ ref('stg_document_source') }}
),

current_content as (
    select
        source_key,
        document_id
    from place
    where recency = 1
),

last_place as (
    select
        place.document_id,
        current_content.document_id as current_document_id,
        row_number() over (
            partition by place.document_id
            order by
                case when place.document_id = current_content.document_id then 0 else 1 end asc,
                place.seen_at desc nulls last,
                place.source_key asc nulls last
        ) as choice
    from place
    inner join current_content on place.source_key = current_content.source_key
)

select
    document.document_id,
    coalesce(last_place.current_document_id, document.document_id) = document.document_id as is_current,
    nullif(last_place.current_document_id, document.document_id) as superseded_by
from {{ ref('stg_document') }} as document
left join last_place
    on document.document_id = last_place.document_id and last_place.choice = 1
