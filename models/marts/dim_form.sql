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
        -- Forms of which a document has one for each project or body are never printings of each other.
        form.form_kind in ('project_target', 'project_evaluation') as is_repeated_by_nature,
        row_number() over (
            partition by form.unit_key, form.fiscal_year, form.report_scope, form.phase, form.form_code
            order by
                case when document.is_current then 0 else 1 end asc,
                document.loaded_at desc nulls last,
                document.file_name desc nulls last,
                form.document_id asc,
                form.form_no asc
        ) as printing_no
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
        else printing_no = 1 and is_current
    end as is_latest
from form
