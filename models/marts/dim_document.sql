-- Grain: one row a loaded document.

select
    document.document_id,
    document.file_name,
    document.title_printed as title,
    attributed.publisher_name,
    attributed.unit_key,
    attributed.region_code,
    document.fiscal_year,
    document.fiscal_year_source,
    document.fiscal_year_locator,
    document.document_kind,
    document.report_scope,
    document.phase,
    document.media_type,
    document.encoding,
    document.byte_size,
    document.line_count,
    document.private_cell_count,
    document.loader_version,
    document.loaded_at,
    superseded.is_current,
    superseded.superseded_by,
    coalesce(region.region_name, latest_region.region_name) as region_name
from {{ ref('stg_document') }} as document
inner join {{ ref('int_document_attributed') }} as attributed on document.document_id = attributed.document_id
inner join {{ ref('int_document_superseded') }} as superseded on document.document_id = superseded.document_id
left join {{ ref('dim_region') }} as region
    on
        attributed.region_code = region.region_code
        and document.fiscal_year between coalesce(region.valid_from, 0) and coalesce(region.valid_to, 9999)
-- Codes outlive their regions: 130823 is printed years after the county became a city with another code.
left join {{ ref('dim_region') }} as latest_region
    on attributed.region_code = latest_region.region_code and latest_region.is_latest
