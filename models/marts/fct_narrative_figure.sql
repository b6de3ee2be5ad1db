-- Grain: one row a figure that prose states.
{{ config(materialized='incremental') }}

with figure as (
    select
        parsed.*,
        document.fiscal_year,
        document.unit_key,
        document.report_scope,
        document.phase,
        case
            when parsed.figure_year is not null then parsed.figure_year
            -- A stock at the end of last year, in the document of this year.
            when {{ rx_matches('parsed.metric_printed', '^(上年末|去年末|上年底)') }} then document.fiscal_year - 1
            else document.fiscal_year
        end as year_of_figure
    from {{ new_rows(ref('int_narrative_figure_parsed')) }} as parsed
    inner join {{ ref('int_document_attributed') }} as document on parsed.document_id = document.document_id
)

select
    {{ surrogate_key(['figure.document_id', 'figure.figure_no']) }} as fct_narrative_figure_key,
    figure.document_id,
    figure.fiscal_year,
    figure.unit_key,
    figure.report_scope,
    -- The budget at the start of the year, stated in a final account, is a budget.
    coalesce(figure.figure_phase, figure.phase) as phase,
    figure.figure_no,
    figure.metric_code,
    figure.metric_printed,
    figure.year_of_figure as figure_year,
    figure.amount_printed,
    figure.amount_unit,
    figure.amount_scale,
    figure.amount_yuan,
    figure.figure_value,
    figure.figure_unit,
    figure.change_word_printed,
    figure.change_printed,
    figure.delta_yuan,
    case
        when figure.compared_with_last_year then figure.year_of_figure - 1
        else figure.compared_with_year
    end as compared_with_year,
    figure.quote,
    'narrative' as source_kind,
    figure.source_locator,
    figure.source_box
from figure
