-- Grain: one row a finding on a figure that prose states for one class (类, 款, 项), or on the word beside a figure.
-- Against the class of that name in the tables, the total of all classes in prose, and the words of comparison.

{# Forms that print the classes of one fund, and the column of the whole amount. #}
{% set form_rules = [
    ('B_GPB_FUNC', 'total'),
    ('B_GOVFUND', 'total'),
    ('B_STATECAP', 'total'),
    ('F_GPB_FUNC', 'total'),
    ('F_GOVFUND', 'current_expenditure'),
    ('F_STATECAP', 'current_expenditure'),
    ('F_STATECAP', 'total'),
] %}

with form_rule as (
    select * from {{ rule_rows(['form_code', 'measure_code'], form_rules) }}
),

paragraph as (
    select
        document_id,
        source_locator,
        max({{ remove_white_space(round_brackets('cell_text')) }}) as paragraph_text
    from {{ new_rows(ref('stg_cell')) }}
    where claimed_as = 'prose'
    group by document_id, source_locator
),

figure as (
    select
        figure.*,
        paragraph.paragraph_text,
        {{ half_last_digit('figure.amount_yuan', 'figure.amount_scale', 'figure.amount_unit') }} as half_digit,
        {{ remove_white_space(normalise_line_name('figure.metric_printed')) }} as metric_text
    from {{ new_rows(ref('fct_narrative_figure')) }} as figure
    inner join paragraph
        on figure.document_id = paragraph.document_id and figure.source_locator = paragraph.source_locator
    where figure.amount_yuan is not null
),

-- "…（类）…（款）…（项）" of a budget, "…（项）/年初预算" and "…（项）/支出决算" of a final account.
about_class as (
    select
        *,
        metric_text as class_text
    from figure
    where {{ rx_matches('metric_text', '[(](?:类|款|项)[)](?:支出|科目)*(?:/(?:年初预算|支出决算|决算)数?)?$') }}
),

path as (
    select
        *,
        {{ class_name_only("nullif(regexp_extract(class_text, '^(.+)[(]类[)]', 1), '')") }} as type_name,
        {{ class_name_only("nullif(regexp_extract(class_text, '^(?:.+[(]类[)])?(.+)[(]款[)]', 1), '')") }}
            as section_name,
        {{ class_name_only("nullif(regexp_extract(class_text, '^(?:.+[(][类款][)])?(.+)[(]项[)]', 1), '')") }}
            as item_name
    from about_class
),

class_line as (
    select
        line.*,
        {{ class_name_only('line.class_name_printed') }} as name_text
    from {{ new_rows(ref('fct_budget_line')) }} as line
    inner join form_rule on line.form_code = form_rule.form_code and line.measure_code = form_rule.measure_code
    where line.class_level is not null and line.amount_yuan is not null
),

class_path as (
    select distinct
        line.*,
        type_line.name_text as type_name,
        section_line.name_text as section_name
    from class_line as line
    left join class_line as type_line
        on
            line.document_id = type_line.document_id
            and line.form_no = type_line.form_no
            and left(line.class_code, 3) = type_line.class_code
    left join class_line as section_line
        on
            line.document_id = section_line.document_id
            and line.form_no = section_line.form_no
            and left(line.class_code, 5) = section_line.class_code
),

matched as (
    select
        path.fct_narrative_figure_key as fact_key,
        class_path.fct_budget_line_key,
        count(*) over (partition by path.fct_narrative_figure_key) as match_count
    from path
    inner join class_path
        on
            path.document_id = class_path.document_id
            and path.unit_key = class_path.unit_key
            and path.figure_year = class_path.fiscal_year
            and path.phase = class_path.phase
            and coalesce(path.item_name, path.section_name, path.type_name) = class_path.name_text
            and class_path.class_level
            = case when path.item_name is not null then 3 when path.section_name is not null then 2 else 1 end
            and (path.type_name is null or path.type_name = class_path.type_name)
            and (path.item_name is null or path.section_name is null or path.section_name = class_path.section_name)
),

-- The figures of the year's start, one a 项, and their total, where prose lists as many 项 as the table.
item_count as (
    select
        document_id,
        count(distinct class_code) as class_count
    from class_line
    where class_level = 3 and form_code = 'F_GPB_FUNC'
    group by document_id
),

year_start as (
    select
        path.document_id,
        count(*) as part_count,
        {{ compared_sum('path.figure_no', half_digit='path.half_digit', yuan='path.amount_yuan',
                        scale='path.amount_scale', locator='path.source_locator') }}
    from path
    where path.metric_text like '%/年初预算%' and path.item_name is not null
    group by path.document_id
    having count(*) = count(distinct concat(path.section_name, '/', path.item_name))
),

compared as (
    select
        case
            when
                figure.amount_yuan = 10000 * class_path.amount_yuan
                or class_path.amount_yuan = 10000 * figure.amount_yuan
                then 'narrative_unit_slip'
            else 'narrative_against_table'
        end as finding_code,
        figure.document_id,
        figure.fct_narrative_figure_key as fact_key,
        concat_ws(' ', class_path.class_code, class_path.class_name_printed) as subject,
        coalesce(class_path.form_title_printed, class_path.form_code) as note,
        {{ compared_figure('a', 'figure') }},
        {{ compared_figure('b', 'class_path', beside='figure') }}
    from matched
    inner join figure on matched.fact_key = figure.fct_narrative_figure_key
    inner join class_path on matched.fct_budget_line_key = class_path.fct_budget_line_key
    where matched.match_count = 1
    union all
    select
        'narrative_class_sum' as finding_code,
        figure.document_id,
        figure.fct_narrative_figure_key as fact_key,
        figure.metric_printed as subject,
        cast(year_start.part_count as string) as note,
        {{ compared_figure('a', 'figure') }},
        year_start.b_printed,
        year_start.b_half_digit,
        year_start.b_scale,
        year_start.b_yuan,
        year_start.b_locator
    from figure
    inner join year_start on figure.document_id = year_start.document_id
    inner join item_count
        on figure.document_id = item_count.document_id and year_start.part_count = item_count.class_count
    where figure.metric_code = 'general_expenditure' and figure.phase = 'budget' and figure.metric_text like '%年初预算%'
),

completed as (
    select
        *,
        cast(null as integer) as form_no,
        'fct_narrative_figure' as fact_table,
        true as is_complete
    from compared
),

in_unit as (
    select
        *,
        {{ amounts_in_unit(cut_off="finding_code = 'narrative_against_table'") }}
    from completed
),

-- "年初预算为1560.05万元，支出决算为1511.89万元。决算数小于预算数": the one pair of a paragraph and its word.
year_pair as (
    select
        figure.document_id,
        figure.source_locator,
        count(case when figure.metric_text like '%年初预算%' then 1 end) as start_count,
        count(case when {{ rx_matches('figure.metric_text', '(?:支出)?决算数?$') }} then 1 end) as final_count,
        max(case when figure.metric_text like '%年初预算%' then figure.fct_narrative_figure_key end) as start_key,
        max(case when {{ rx_matches('figure.metric_text', '(?:支出)?决算数?$') }} then figure.fct_narrative_figure_key end)
            as final_key,
        max(regexp_extract(figure.paragraph_text, '决算数(大于|小于|等于|与预算数基本持平|与预算数持平)', 1)) as word
    from figure
    group by figure.document_id, figure.source_locator
),

worded_pair as (
    select
        final.document_id,
        final.fct_narrative_figure_key as fact_key,
        final.source_locator,
        {{ with_unit('final.amount_printed', 'final.amount_unit') }} as final_text,
        start.amount_printed as start_printed,
        {{ with_unit('start.amount_printed', 'start.amount_unit') }} as start_text,
        year_pair.word
    from year_pair
    inner join figure as start on year_pair.start_key = start.fct_narrative_figure_key
    inner join figure as final on year_pair.final_key = final.fct_narrative_figure_key
    where
        year_pair.start_count = 1
        and year_pair.final_count = 1
        and (
            (year_pair.word = '大于' and final.amount_yuan <= start.amount_yuan)
            or (year_pair.word = '小于' and final.amount_yuan >= start.amount_yuan)
            or (year_pair.word in ('等于', '与预算数持平') and final.amount_yuan <> start.amount_yuan)
        )
),

-- "减少63.14万元，增长2.10%"
two_ways as (
    select
        document_id,
        fct_narrative_figure_key,
        source_locator,
        change_word_printed,
        metric_printed,
        regexp_extract(
            {{ remove_white_space('quote') }},
            '(?:增加|增长|上升|提高)[0-9.,]+[亿万]?元[,，]?((?:下降|减少|降低)[0-9.]+[%％])', 1
        ) as falling,
        regexp_extract(
            {{ remove_white_space('quote') }},
            '(?:减少|下降|降低|压减)[0-9.,]+[亿万]?元[,，]?((?:增长|上升|增加|提高)[0-9.]+[%％])', 1
        ) as rising,
        concat(change_word_printed, {{ with_unit('change_printed', 'figure_unit') }}) as change_text
    from {{ new_rows(ref('fct_narrative_figure')) }}
    where change_printed is not null
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number and not {{ is_rounded_print() }}
union all
select
    {{ finding_columns(
        code="'narrative_comparison_word'",
        outcome="'contradiction'",
        subject='start_printed',
        fact_table="'fct_narrative_figure'",
        fact_key='fact_key',
        form_no='null',
        value_a='final_text',
        value_b='start_text',
        locator_a='source_locator',
        locator_b='source_locator',
        note='word'
    ) }}
from worded_pair
union all
select
    {{ finding_columns(
        code="'narrative_change_word'",
        outcome="'contradiction'",
        subject='metric_printed',
        fact_table="'fct_narrative_figure'",
        fact_key='fct_narrative_figure_key',
        form_no='null',
        value_a='change_text',
        value_b="concat(falling, rising)",
        locator_a='source_locator',
        locator_b='source_locator'
    ) }}
from two_ways
where concat(coalesce(falling, ''), coalesce(rising, '')) <> ''
union all
-- What rose by more than it is was below zero the year before.
select
    {{ finding_columns(
        code="'narrative_change_above_amount'",
        outcome="'contradiction'",
        subject='metric_printed',
        fact_table="'fct_narrative_figure'",
        fact_key='fct_narrative_figure_key',
        form_no='null',
        value_a=with_unit('amount_printed', 'amount_unit'),
        value_b='concat(change_word_printed, ' ~ with_unit('change_printed', 'figure_unit') ~ ')',
        locator_a='source_locator',
        locator_b='source_locator'
    ) }}
from {{ new_rows(ref('fct_narrative_figure')) }}
where amount_yuan is not null and delta_yuan > amount_yuan
