{#- The texts of a group in the order of `position`, parted by a separator; an aggregate. -#}
{% macro joined_texts(expr, separator, position) -%}
    {{ return(adapter.dispatch('joined_texts')(expr, separator, position)) }}
{%- endmacro %}

{% macro default__joined_texts(expr, separator, position) -%}
    string_agg({{ expr }}, '{{ separator }}' order by {{ position }})
{%- endmacro %}

{% macro spark__joined_texts(expr, separator, position) -%}
    array_join(
        transform(array_sort(collect_list(struct({{ position }} as position, {{ expr }} as text))), x -> x.text),
        '{{ separator }}'
    )
{%- endmacro %}
