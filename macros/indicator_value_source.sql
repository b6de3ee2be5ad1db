{#- Rows of stg_project_indicator as parse_target wants them; `printed` is the column to be read.
    A merged level-2 label is carried down, because it tells a cost from a count and months from a deadline. -#}
{% macro indicator_value_source(printed) -%}
    select
        indicator.document_id,
        indicator.form_no,
        indicator.indicator_no,
        indicator.stage,
        indicator.{{ printed }} as printed,
        {# Names without white space: text of scanned tables has gaps within words. #}
        {{ remove_white_space('indicator.level3_printed') }} as level3,
        {{ remove_white_space('indicator.description_printed') }} as description,
        document.fiscal_year,
        coalesce({{ rx_matches(remove_white_space('indicator.level2'), '成本') }}, false) as is_cost,
        coalesce({{ rx_matches(remove_white_space('indicator.level2'), '数量') }}, false)
        or coalesce(
            {{ rx_matches(remove_white_space('indicator.level3_printed'), '期间|周期|工期|时长|年限|时效性') }}, false
        ) as months_are_duration
    from (
        select
            *,
            {{ carried_down('level2_printed', 'document_id, form_no, stage', 'indicator_no') }} as level2
        from {{ new_rows(ref('stg_project_indicator')) }}
    ) as indicator
    left join {{ ref('stg_document') }} as document on indicator.document_id = document.document_id
{%- endmacro %}
