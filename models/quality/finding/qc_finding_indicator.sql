-- Grain: one row a finding on an indicator row.
-- Repeated rows, targets against themselves, their description and their name, scores against attainment.

{% set bound_words = '不得少于|不少于|不低于|不小于|至少|不得超过|不超过|不高于|不大于|不多于' %}

with indicator as (
    select
        *,
        concat_ws(' · ', project_name, coalesce(level3, description)) as subject,
        {{ normalise_printed('target_printed') }} as target_text,
        {{ normalise_printed('description') }} as description_text,
        {{ normalise_printed('level3') }} as name_text,
        {{ normalise_printed('basis') }} as basis_text,
        concat_ws(
            '|',
            coalesce(level1_code, level1_printed, ''), coalesce(level2_code, level2_printed, ''),
            coalesce({{ normalise_printed('level3') }}, ''), coalesce({{ normalise_printed('description') }}, ''),
            coalesce({{ normalise_printed('target_printed') }}, ''), coalesce({{ normalise_printed('basis') }}, ''),
            coalesce({{ normalise_printed('actual_printed') }}, ''),
            coalesce({{ normalise_printed('weight_printed') }}, ''),
            coalesce({{ normalise_printed('score_printed') }}, '')
        ) as all_cells
    from {{ new_rows(ref('fct_project_indicator')) }}
),

placed as (
    select
        *,
        first_value(indicator_no) over (
            partition by document_id, form_no, stage, all_cells order by indicator_no nulls last
        ) as first_same_no,
        first_value(source_locator) over (
            partition by document_id, form_no, stage, all_cells order by indicator_no nulls last
        ) as first_same_locator,
        first_value(indicator_no) over (
            partition by document_id, form_no, stage, name_text, target_text, description_text
            order by indicator_no nulls last
        ) as first_alike_no,
        first_value(source_locator) over (
            partition by document_id, form_no, stage, name_text, target_text, description_text
            order by indicator_no nulls last
        ) as first_alike_locator
    from indicator
),

-- The one bound that a description states in words, with its unit: 安保天数不少于190天.
bounded as (
    select
        *,
        regexp_extract(description_text, '(?:{{ bound_words }})({{ number_pattern() }})', 1) as bound_text,
        regexp_extract(
            description_text, '(?:{{ bound_words }}){{ number_pattern() }}(' || '{{ unit_words() }}' || ')', 1
        ) as bound_unit
    from indicator
    where
        target_kind = 'number'
        and {{ rx_matches('description_text', '(?:' ~ bound_words ~ ')' ~ number_pattern()) }}
        and not {{ rx_matches('description_text', '(?:' ~ bound_words ~ ').*(?:' ~ bound_words ~ ')') }}
),

-- Level names that stand in the column of the basis.
level_name as (
    select distinct label
    from {{ ref('indicator_category') }}
),

repeats_name as (
    select
        document_id,
        count(*) as row_count,
        min_by(fct_project_indicator_key, 1000 * form_no + indicator_no) as fact_key,
        min_by(subject, 1000 * form_no + indicator_no) as subject,
        {{ locator_span('source_locator', '1000 * form_no + indicator_no') }} as source_locator
    from indicator
    where stage = 'target' and description_text = name_text
    group by document_id
),

judged as (
    select
        'indicator_repeated' as finding_code,
        'contradiction' as outcome,
        cast(first_same_no as string) as value_a,
        cast(indicator_no as string) as value_b,
        first_same_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        target_printed as note
    from placed
    where indicator_no > first_same_no
    union all
    select
        'indicator_near_repeated' as finding_code,
        'contradiction' as outcome,
        cast(first_alike_no as string) as value_a,
        cast(indicator_no as string) as value_b,
        first_alike_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        target_printed as note
    from placed
    where
        indicator_no > first_alike_no
        and indicator_no = first_same_no
        and name_text is not null
        and target_text is not null
    union all
    select
        'target_direction' as finding_code,
        'contradiction' as outcome,
        coalesce(level3, description) as value_a,
        target_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where direction_conflict
    union all
    select
        'target_against_own_text' as finding_code,
        'contradiction' as outcome,
        target_printed as value_a,
        target_note_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where value_in_tail_differs
    union all
    select
        'target_against_description' as finding_code,
        'contradiction' as outcome,
        target_printed as value_a,
        description as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from bounded
    where
        target_value <> {{ to_number('bound_text') }}
        and (target_unit is null or bound_unit = '' or target_unit = {{ normalise_unit('bound_unit', 'false') }})
    union all
    select
        'description_zero' as finding_code,
        'not_checkable' as outcome,
        description as value_a,
        cast(null as string) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where description_text = '0'
    union all
    select
        'target_repeats_name' as finding_code,
        'not_checkable' as outcome,
        target_printed as value_a,
        coalesce(level3, description) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where target_kind = 'qualitative' and (target_text = name_text or target_text = description_text)
    union all
    select
        'basis_is_no_basis' as finding_code,
        'not_checkable' as outcome,
        basis as value_a,
        coalesce(level3, description) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where
        stage = 'target'
        and (
            basis_text = name_text
            or regexp_replace(basis_text, '指标$', '') in (select level_name.label from level_name)
        )
    union all
    -- Signs that no reading of a target needs: 95^%, 100%%, 持续/, 98%场; or a bare number run into a sentence.
    select
        'target_malformed' as finding_code,
        'not_checkable' as outcome,
        target_printed as value_a,
        cast(null as string) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where
        instr(target_printed, '^') > 0
        or {{ rx_matches('target_text', '%%|[/、,;]$|%(?:场|人|次|个|件|套|台|天|元)$|^[0-9]+(?:完成|达到)$') }}
        or {{ rx_matches('target_text', '^[<>=≤≥]+[0-9.]+[^0-9a-zA-Z%.,()<>=~-]{5,}') }}
    union all
    select
        'target_blank' as finding_code,
        'not_checkable' as outcome,
        cast(null as string) as value_a,
        concat_ws(' / ', actual_printed, score_printed) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where stage = 'self_evaluation' and target_printed is null and coalesce(actual_printed, score_printed) is not null
    union all
    select
        'score_missing' as finding_code,
        'not_checkable' as outcome,
        weight_printed as value_a,
        cast(null as string) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where stage = 'self_evaluation' and weight is not null and score_printed is null
    union all
    select
        'target_unit_missing' as finding_code,
        'not_checkable' as outcome,
        target_printed as value_a,
        actual_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where stage = 'self_evaluation' and target_kind = 'number' and target_unit is null and actual_unit = '%'
    union all
    select
        'actual_repeats_target' as finding_code,
        'not_checkable' as outcome,
        target_printed as value_a,
        actual_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where
        stage = 'self_evaluation'
        and target_text = {{ normalise_printed('actual_printed') }}
        and comparator in ('>=', '>', '<=', '<')
    union all
    select
        'actual_not_a_number' as finding_code,
        'not_checkable' as outcome,
        target_printed as value_a,
        actual_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where stage = 'self_evaluation' and target_kind in ('number', 'range') and actual_kind = 'qualitative'
    union all
    select
        'score_below_weight_though_met' as finding_code,
        'contradiction' as outcome,
        score_printed as value_a,
        weight_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        concat(target_printed, ' / ', actual_printed) as note
    from indicator
    where stage = 'self_evaluation' and attainment = 'met' and score < weight
    union all
    select
        'score_full_though_not_met' as finding_code,
        'contradiction' as outcome,
        score_printed as value_a,
        weight_printed as value_b,
        source_locator as locator_a,
        source_locator as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        concat(target_printed, ' / ', actual_printed) as note
    from indicator
    where stage = 'self_evaluation' and attainment = 'not_met' and score >= weight and weight > 0
    union all
    -- A floor of 100 % for a rate that cannot be higher is an equality in other words.
    select
        'target_floor_100' as finding_code,
        'not_checkable' as outcome,
        target_printed as value_a,
        cast(null as string) as value_b,
        source_locator as locator_a,
        cast(null as string) as locator_b,
        fct_project_indicator_key,
        document_id,
        form_no,
        subject,
        cast(null as string) as note
    from indicator
    where
        target_kind = 'number'
        and comparator in ('>=', '>')
        and target_unit = '%'
        and target_value >= 100
        and {{ is_rate_name("coalesce(name_text, '') || ' ' || coalesce(description_text, '')") }}
)

select
    {{ finding_columns(
        code='finding_code',
        outcome='outcome',
        subject='subject',
        fact_table="'fct_project_indicator'",
        fact_key='fct_project_indicator_key',
        value_a='value_a',
        value_b='value_b',
        locator_a='locator_a',
        locator_b='locator_b',
        note='note'
    ) }}
from judged
union all
select
    {{ finding_columns(
        code="'description_repeats_name'",
        outcome="'not_checkable'",
        subject='subject',
        fact_table="'fct_project_indicator'",
        fact_key='fact_key',
        form_no='null',
        value_a='row_count',
        locator_a='source_locator'
    ) }}
from repeats_name
