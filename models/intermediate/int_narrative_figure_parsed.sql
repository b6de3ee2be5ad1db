-- Grain: one row a figure that prose states.
-- Amount and signed change in yuan (where the unit is money), and the metric by its name without a year or 我单位.
{{ config(materialized='incremental') }}

with figure as (
    select
        *,
        regexp_replace(
            {{ normalise_line_name('metric_printed') }},
            '^(?:[0-9]{4}年度?|本年度?|当年|[我本](?:单位|部门|局|校|院))+', ''
        ) as full_name
    from {{ new_rows(ref('stg_narrative_figure')) }}
),

-- "…支出年初预算", "…支出/支出决算": one metric at the start of the year and at its end.
named as (
    select
        figure.*,
        regexp_replace(figure.full_name, '/?(?:年初预算|(?:支出)?决算)数?$', '') as metric_name,
        case
            when {{ rx_matches('figure.full_name', '年初预算数?$') }} then 'budget'
            when {{ rx_matches('figure.full_name', '决算数?$') }} then 'final'
        end as figure_phase,
        coalesce({{ printed_unit('figure.amount_printed') }}, money.unit_name) as amount_unit,
        coalesce({{ printed_unit('figure.change_printed') }}, money.unit_name) as change_unit
    from figure
    left join {{ ref('amount_unit') }} as money
        on {{ remove_white_space('figure.unit_printed') }} = money.unit_printed
)

select
    named.document_id,
    named.figure_no,
    named.metric_printed,
    coalesce(
        metric.metric_code, 'three_public_' || item.item_code, income_line.line_code
    ) as metric_code,
    named.amount_printed,
    case when named.amount_printed is not null then named.amount_unit end as amount_unit,
    cast({{ printed_scale('named.amount_printed') }} as integer) as amount_scale,
    {{ parse_decimal('named.amount_printed') }} as figure_value,
    named.unit_printed as figure_unit,
    {{ amount_yuan(parse_decimal('named.amount_printed'), 'named.amount_unit') }} as amount_yuan,
    named.change_word_printed,
    named.change_printed,
    case
        when {{ rx_matches('named.change_word_printed', '持平|无变化|无增减|未变') }}
            then cast(0 as decimal(20, 2))
        when {{ rx_matches('named.change_word_printed', '减|降|少') }}
            then -{{ amount_yuan(parse_decimal('named.change_printed'), 'named.change_unit') }}
        when named.change_word_printed is null or {{ rx_matches('named.change_word_printed', '增|加|升|涨|提高|多') }}
            then {{ amount_yuan(parse_decimal('named.change_printed'), 'named.change_unit') }}
    end as delta_yuan,
    named.figure_year,
    named.figure_phase,
    named.compared_with_year,
    coalesce({{ rx_matches('named.compared_with_year_printed', '^(上年|去年)') }}, false) as compared_with_last_year,
    named.quote,
    named.source_locator,
    named.source_box
from named
left join {{ ref('narrative_metric') }} as metric
    on metric.metric_name in (named.full_name, named.metric_name)
left join {{ ref('three_public_item') }} as item
    -- 公务接待费支出 is 公务接待费.
    on item.item_name in (
        named.full_name, named.metric_name, regexp_replace(named.metric_name, '费支出(?:总额)?$', '费')
    )
    and item.item_name <> '合计'
left join {{ ref('income_line') }} as income_line
    on income_line.line_name in (named.full_name, named.metric_name)
