-- Grain: one row a recognised form of a document.
-- What was disclosed: forms with figures, forms declared empty, and which printing of a form is the latest. Reports
-- take the latest; earlier and duplicate printings stay here and in the facts.

with form as (
    select
        form.document_id,
        form.form_no,
        form.form_code,
        form.form_kind,
        form.form_title_printed,
        form.unit_key,
        form.fiscal_year,
        form.report_scope,
        form.phase,
        form.amount_unit,
        form.is_declared_empty,
        form.source_locator,
        document.is_current,
        -- Forms of which a document has one for each project are never printings of each other.
        form.form_kind in ('project_target', 'project_evaluation', 'evaluation') as is_repeated_by_nature,
        first_value(form.document_id) over (
            partition by form.unit_key, form.fiscal_year, form.report_scope, form.phase, form.form_code
            order by
                case when document.is_current then 0 else 1 end asc,
                document.loaded_at desc nulls last,
                document.file_name desc nulls last,
                form.document_id asc
        ) as latest_document_id
    from {{ ref('int_form_attributed') }} as form
    inner join {{ ref('dim_document') }} as document on form.document_id = document.document_id
)

select
    {{ surrogate_key(['document_id', 'form_no']) }} as dim_form_key,
    document_id,
    form_no,
    form_code,
    form_kind,
    form_title_printed,
    unit_key,
    fiscal_year,
    report_scope,
    phase,
    amount_unit,
    is_declared_empty,
    source_locator,
    case
        when is_repeated_by_nature or fiscal_year is null then is_current
        else is_current and document_id = latest_document_id
    end as is_latest
from form
