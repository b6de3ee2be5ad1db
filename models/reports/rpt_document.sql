-- Grain: one row a loaded document.

select
    document.document_id,
    document.file_name,
    document.title,
    document.publisher_name,
    document.unit_key,
    unit.unit_name,
    document.region_code,
    document.fiscal_year,
    document.fiscal_year_source,
    document.document_kind,
    document.report_scope,
    document.phase,
    document.media_type,
    document.byte_size,
    document.private_cell_count,
    document.loaded_at,
    document.is_current,
    document.superseded_by
from {{ ref('dim_document') }} as document
left join {{ ref('dim_unit') }} as unit on document.unit_key = unit.unit_key
