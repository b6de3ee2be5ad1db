-- Grain: one row a loaded document.

select
    document_id,
    {{ clean_text('file_name') }} as file_name,
    byte_size,
    media_type,
    encoding,
    loader_version,
    loaded_at,
    {{ clean_text('title_printed') }} as title_printed,
    {{ clean_text('publisher_printed') }} as publisher_printed,
    document_kind,
    report_scope,
    phase,
    {{ clean_text('fiscal_year_printed') }} as fiscal_year_printed,
    {{ clean_text('fiscal_year_inferred') }} as fiscal_year_inferred,
    coalesce(
        {{ year_printed('fiscal_year_printed') }}, {{ year_printed('fiscal_year_inferred') }}
    ) as fiscal_year,
    case
        when {{ year_printed('fiscal_year_printed') }} is not null then 'printed'
        when {{ year_printed('fiscal_year_inferred') }} is not null then 'inferred'
    end as fiscal_year_source,
    {{ clean_text('fiscal_year_locator') }} as fiscal_year_locator,
    {{ clean_text('region_code_printed') }} as region_code_printed,
    line_count,
    private_cell_count
from {{ source('raw', 'document') }}
