-- Grain: one row a class code and name that a document prints for a fiscal year.
-- Expenditure lines without a code count under the function class that their name stands for.
{{ config(materialized='incremental') }}

select
    line.document_id,
    case line.class_type when 'item' then 'function' else line.class_type end as class_type,
    line.class_code,
    form.fiscal_year,
    case
        when line.class_type = 'item' then {{ normalise_line_name('line.class_name_printed') }}
        else {{ clean_text('line.class_name_printed') }}
    end as class_name_printed,
    max(
        case
            when line.class_type = 'item' then {{ normalise_line_name('line.class_name_printed') }}
            else {{ normalise_printed('line.class_name_printed') }}
        end
    ) as class_name_normalised,
    min_by(
        line.source_locator, cast(line.form_no as bigint) * 100000000 + line.row_no * 1000 + line.column_no
    ) as source_locator
from {{ new_rows(ref('int_budget_line_typed')) }} as line
inner join {{ ref('int_form_attributed') }} as form
    on line.document_id = form.document_id and line.form_no = form.form_no
where line.class_level is not null
group by
    line.document_id,
    case line.class_type when 'item' then 'function' else line.class_type end,
    line.class_code,
    form.fiscal_year,
    case
        when line.class_type = 'item' then {{ normalise_line_name('line.class_name_printed') }}
        else {{ clean_text('line.class_name_printed') }}
    end
